"""`python -m ejsync`, and the command `ejsync`."""

from ejsync.cli.entry import main

if __name__ == "__main__":
    main()
