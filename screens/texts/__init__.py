"""What the steps say: values of the engine as words on a screen."""
