"""Expressions of httpd (ap_expr): what httpd accepts, and what it says of the rest.

Source: https://httpd.apache.org/docs/2.4/expr.html; server/util_expr_scan.l, util_expr_parse.y,
util_expr_eval.c of httpd 2.4; each message was read from httpd 2.4.71.
"""
