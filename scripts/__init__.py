"""Programs that build and check the product; none of them is needed to run it."""
