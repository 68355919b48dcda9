"""What the house asks of the outside, done for real: roads, mail, hints, clocks. One file per correspondent."""
