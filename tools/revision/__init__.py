"""The next revision of the schema, from the difference between the migrations and the models."""
