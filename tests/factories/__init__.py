"""Valid objects for tests, made by the product's own commands; what matters to a test is said in the test."""
