"""Routes of the merchants capability: payment requests and codes, bills, instalments, settlements."""
