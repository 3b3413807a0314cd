#!/usr/bin/env python
"""The command line of Spaces: `manage.py up` runs it, `manage.py help` lists the rest."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spaces_project.settings")
    from spaces_project.command_line import run

    sys.exit(run(sys.argv))
