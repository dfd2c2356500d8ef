"""The client as it is written: awaited. The blocking one is generated from it (`make sdk`)."""
