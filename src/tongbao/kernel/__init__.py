"""The kernel: transactions, tables, money, blocks and receipts.

It knows nothing of HTTP, SQL, files or which engine orders the blocks, and reads no clock,
randomness, float or environment (law 4 of the house).
"""
