// Training steps of a last layer on one image: what `tests.one_step` computes.

// Probabilities of logits.
function softmax(logits) {
  const top = Math.max(...logits);
  const powers = logits.map((z) => Math.exp(z - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

// -ln of the probability of the right class.
function crossEntropy(logits, right) {
  const top = Math.max(...logits);
  return Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0)) + top - logits[right];
}

// What is known before each step, and after the last: [{logits, probabilities, loss,
// gradient (of the right class's logit), weight, velocity}]. The weight is that from the
// most active unit to the right class; the velocity is the one that led to it.
function learn({ sums, biases, square, activation, weights, momentum, decay }, right, rate, steps) {
  let [of, bias] = [[...sums], [...biases]];
  let [moveOf, moveBias] = [sums.map(() => 0), sums.map(() => 0)];
  let [weight, velocity] = [weights[right], 0];
  const found = [];
  for (let step = 0; step <= steps; step += 1) {
    const logits = of.map((z, i) => z + bias[i]);
    const probabilities = softmax(logits);
    const gradients = probabilities.map((p, i) => p - (i === right ? 1 : 0));
    found.push({
      logits, probabilities, loss: crossEntropy(logits, right), gradients, weight, velocity,
    });
    moveOf = moveOf.map((v, i) => momentum * v - decay * rate * of[i] - rate * square * gradients[i]);
    moveBias = moveBias.map((v, i) => momentum * v - rate * gradients[i]);
    velocity = momentum * velocity - decay * rate * weight - rate * activation * gradients[right];
    of = of.map((z, i) => z + moveOf[i]);
    bias = bias.map((b, i) => b + moveBias[i]);
    weight += velocity;
  }
  return found;
}
