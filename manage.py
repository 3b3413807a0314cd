#!/usr/bin/env python
"""The command line of Spaces: `manage.py up` runs it, `manage.py help` lists the rest."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spaces_project.settings")
    try:
        from spaces_project.command_line import run

        status = run(sys.argv)
    except KeyboardInterrupt:  # Ctrl-C is how `up` is meant to end, however early it comes
        status = 0 if sys.argv[1:2] == ["up"] else 130
    sys.exit(status)
