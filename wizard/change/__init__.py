"""Write a plan to this machine so that it can be undone: journal, atomic writes, roll-back."""
