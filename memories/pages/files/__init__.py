"""The pages of folders and of the files in them."""
