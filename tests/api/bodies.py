"""What is asked in more than one test."""

ABROAD = {"source": {"currency": "EUR", "amount": "10.00"}, "target": {"currency": "CNY"}}
LISTED = {
    "source": "invented",
    "document": "id,schema,name,aliases,birth_date,countries,identifiers,sanctions,phones,emails,"
    "dataset,first_seen,last_seen,last_change\nx-1,Person,Viktor Invented,,,,,,,,nobody,,,\n",
}
RECIPIENT = {
    "naturalPerson": {
        "name": {"nameIdentifier": [{"primaryIdentifier": "Carol", "nameIdentifierType": "LEGL"}]}
    }
}
PAIR = {
    "state": "open",
    "band_bps": 300,
    "review_seconds": 3600,
    "amount_min": "1.00",
    "amount_max": "10000.00",
}
