"""Live checks: does a running Redis give the application what it needs?"""
