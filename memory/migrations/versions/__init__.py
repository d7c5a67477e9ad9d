"""One file per revision, named after it. A step that was released is never edited."""
