"""The sample bot: a small bank whose conversations fill the screens of a new install.

Everything in here was made up: customers, companies, addresses and numbers.
"""
