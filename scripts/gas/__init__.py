"""What each operation costs in gas, as whole transactions on the embedded chain.

``python -m scripts.gas`` writes ``tests/solidity/gas.json``; with ``--check`` it compares instead, and
a test does the same. "Steady" means that nothing is used for the first time: balances, history
heads, nonce words and usage windows are non-zero before the measured transaction, as they are for
all but the first payment of a customer's life.
"""
