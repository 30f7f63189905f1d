"""``python -m wizard`` is ``proxy-wizard``."""

from wizard.cli.main import main

raise SystemExit(main())
