"""The cookie jar of one school."""

import json
import threading
from email.message import Message
from types import SimpleNamespace
from urllib.request import Request

from ejsync.transport.cookies import Cookies

HOST = "https://region.example/apiv3/"


def receive(jar, *set_cookies, address=HOST + "auth"):
    """Let an answer set cookies."""
    headers = Message()
    for text in set_cookies:
        headers["Set-Cookie"] = text
    jar.extract_cookies(SimpleNamespace(info=lambda: headers), Request(address))


def sent(jar, address=HOST + "getrules"):
    """The cookies that a request to an address carries."""
    request = Request(address)
    jar.add_cookie_header(request)
    return request.get_header("Cookie")


def handed_over(jar):
    """Another run's jar, filled with what was written as JSON."""
    other = Cookies()
    other.fill(json.loads(json.dumps(jar.written())))
    return other


def test_cookies_of_a_session_come_back_in_the_next_run():
    """Cookies with and without an end go out again just as before, each only where its path allows."""
    jar = Cookies()
    receive(jar, "school_domain=lyceum; Path=/; HttpOnly", "deep=1; Path=/apiv3/; Max-Age=5000", "far=1; Path=/other/")
    again = handed_over(jar)
    assert set(sent(again).split("; ")) == set(sent(jar).split("; ")) == {"school_domain=lyceum", "deep=1"}


def test_no_cookie_leaves_its_host():
    """A cookie goes to the host that set it, not to others, not even after a new run; a secure one only under TLS."""
    jar = Cookies()
    receive(jar, "school_domain=lyceum; Path=/", "guarded=1; Path=/; Secure")
    again = handed_over(jar)
    elsewhere = ("https://evil.example/apiv3/", "https://other.region.example/", "https://region.example.evil.example/")
    assert [sent(again, address) for address in elsewhere] == [None, None, None]
    assert sent(again, "http://region.example/apiv3/") == "school_domain=lyceum"


def test_a_cookie_of_another_host_is_not_taken():
    """A host cannot set cookies for another one."""
    jar = Cookies()
    receive(jar, "school_domain=lyceum; Domain=evil.example")
    assert jar.written() == []


def test_a_newer_cookie_is_not_overwritten():
    """What came since then counts; only what is missing is put back."""
    old, jar = Cookies(), Cookies()
    receive(old, "school_domain=old; Path=/", "other=1; Path=/")
    receive(jar, "school_domain=new; Path=/")
    jar.fill(old.written())
    assert set(sent(jar).split("; ")) == {"school_domain=new", "other=1"}


def test_cookies_with_other_fields_are_left_out():
    """What an older or newer Python wrote and this one does not know costs a cookie, not the run."""
    jar = Cookies()
    jar.fill([{"name": "school_domain"}, {"unheard": "of"}])
    assert jar.written() == []


def test_a_jar_is_written_while_threads_fill_it():
    """Writing a jar down is safe while other threads receive cookies."""
    jar, stop = Cookies(), threading.Event()

    def _fill():
        for number in range(3000):
            receive(jar, f"c{number % 400}=1; Path=/{number % 7}", address=HOST)
        stop.set()

    thread = threading.Thread(target=_fill)
    thread.start()
    while not stop.is_set():
        jar.written()
    thread.join()
    assert len(jar.written()) == len(list(jar))
