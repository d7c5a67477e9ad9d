"""`python -m vigie`."""

import sys

from vigie.command_line import main

sys.exit(main())
