"""Who the customers are: KYC, accounts, aliases, recovery; and who may call."""
