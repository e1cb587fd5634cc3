"""One folder per vendor, the same file names in each; nothing about a vendor lives outside its folder.

May import `errors`, `model`, `db`, `pairs`, `http` and `exceptions`; a vendor never imports another one.
"""
