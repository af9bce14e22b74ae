"""The metrics of a running Redis, seen from outside, and what to do about them."""
