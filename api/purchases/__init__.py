"""Routes of what merchants offer, of purchases and of their refunds."""
