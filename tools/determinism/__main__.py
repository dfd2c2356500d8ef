"""Run it as a script: the tools' folder is where its imports are found."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from determinism import main  # noqa: E402

sys.exit(main())
