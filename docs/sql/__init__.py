"""Pages of the views, made from the files of sql/."""
