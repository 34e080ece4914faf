"""`python -m triservice`: the command, by the Python that runs already."""

from triservice.cli import main

if __name__ == "__main__":
    main()
