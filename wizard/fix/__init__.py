"""The repair: which trust may be taken, which lines change, and the diff that shows it."""
