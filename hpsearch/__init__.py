"""hpsearch finds good hyperparameters from one YAML file; see the README for the command line."""
