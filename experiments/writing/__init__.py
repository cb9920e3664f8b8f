"""Tables that leave as CSV or Excel: texts stay as they are, and no cell is run as a formula."""
