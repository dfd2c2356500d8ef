"""The program `tongbao`, also started as `python -m tongbao.cli`."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line.

    Until it is imported nothing has begun: Ctrl-C then ends the program by the signal, as it ends
    any other, without a traceback.
    """
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tongbao.cli.main import main as command_line

    signal.signal(signal.SIGINT, interrupted)
    command_line()


if __name__ == "__main__":
    main()
