"""The installed httpd: asked, rehearsed on loopback, reloaded. Never restarted, never signalled."""
