"""Arrays in, picture out. No Streamlit, no TensorFlow."""
