"""Founding a network by institutions that do not trust one another.

Each makes its own keys and hands over a signed request; a coordinator lays the requests beside the
terms that were agreed on; everybody derives the same genesis from them and approves its digest.

documents.py    the four files, and what of them is signed
reading.py      bounded reading: a file is one of the four, in a version that is known
checking.py     the rules of one request and of all of them together
deriving.py     the genesis that they lead to, tried out in memory
approving.py    who has approved it, and the node's folder that follows
"""
