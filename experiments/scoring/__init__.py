"""A saved model at work: on files of any size, as SQL, and in sentences on what a scored file held."""
