"""The models, by what they are about. They import the tables and what a field is, and nothing that serves them."""
