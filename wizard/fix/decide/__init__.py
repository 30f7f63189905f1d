"""What each route needs, by the row of the best-practice table."""
