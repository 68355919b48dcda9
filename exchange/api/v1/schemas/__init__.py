"""What version 1 reads (`…Body`, strict and bounded) and tells (`…Resource`); field names are the glossary's."""
