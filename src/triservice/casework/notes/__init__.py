"""Notes, consent and safeguarding concerns on a case."""
