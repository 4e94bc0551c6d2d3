"""Being paid: payment requests with their QR codes, bills, and instalments."""
