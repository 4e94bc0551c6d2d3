"""How anything reaches the chain exactly once: accept, bind, send, index, recover."""
