"""A sink that takes everything and keeps nothing: rehearsals."""
