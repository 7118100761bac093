"""Files as people have them: what is in each line, as the fields of events."""
