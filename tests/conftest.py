"""What holds for all tests."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background makes them ignore Ctrl-C; what they start must not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
