"""What travels in a bundle: programs that need NumPy, and LightGBM where the model has trees."""
