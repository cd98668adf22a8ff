"""The diary's error answers."""

import jsonschema_rs
import orjson
import pytest

from ejsync.sandbox.diary_contracts import contracts_dir
from ejsync.sandbox.diary_problems import PROBLEMS, ProblemError, problem_response


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_keeps_the_contract(code):
    """Whatever goes wrong, the answer is RFC 9457 as the contract has it, with its status repeated."""
    schema = orjson.loads((contracts_dir() / "ed" / "v1" / "problem.schema.json").read_bytes())
    response = problem_response(ProblemError(code, pointer="/items", headers={"Retry-After": "3"}))
    document = orjson.loads(response.body)
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(document)
    assert document["status"] == response.status_code == PROBLEMS[code][0]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"] == "3"


@pytest.mark.parametrize("code", [code for code, (status, _) in PROBLEMS.items() if status == 401])
def test_unauthorized_is_challenged(code):
    """A 401 names the scheme that would have been understood."""
    assert problem_response(ProblemError(code)).headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_is_in_the_openapi_document(code):
    """A code a sender may meet is explained in the published contract."""
    if code not in {"not_found", "method_not_allowed"}:
        assert f'"{code}"' in (contracts_dir() / "ed" / "v1" / "openapi.json").read_text(encoding="utf-8")
