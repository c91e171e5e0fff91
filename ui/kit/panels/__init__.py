"""Parts of a page that another page family shows, too."""
