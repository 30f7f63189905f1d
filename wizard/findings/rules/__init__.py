"""How each finding is recognised: one class a rule, a module a family."""
