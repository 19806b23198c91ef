"""`python -m assignments ...`"""

import sys

from assignments._engine.cli import main

sys.exit(main())
