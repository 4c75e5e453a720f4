"""The embedded PostgreSQL of `serviceco run` and of the tests: no server to install, none left behind."""
