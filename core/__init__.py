"""The algorithms of Equipoise: pure Python, usable without a browser.

Read :mod:`core.audit.pipeline` first: it is the one path that the browser, the command line and the
trade-off sweep all walk.
"""
