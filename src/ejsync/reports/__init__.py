"""What is put on paper and into tables: reports about a class, extracts for families; only this room knows typst."""
