// The iterations of the representation flow in C++, for one core per map.
//
// A compiler that sees one operator, or one iteration, at a time sends every field through memory.
// Here a map runs through all iterations before the next begins, so its fields, 12 of them, stay in
// the first cache; in the backward pass its states are computed anew and stay in the second.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

// Planes have a column of zeros at the right, which is the left neighbour of the next row too, and
// a row of zeros above and below: a neighbour is an offset, and one loop runs over all rows.
struct Grid {
  int64_t height, width, pitch, first, last, size;
  Grid(int64_t h, int64_t w)
      : height(h), width(w), pitch(w + 1), first(w + 2), last(first + h * pitch),
        size(last + pitch + 1) {}
};

template <typename T>
void spread(const Grid& grid, const T* map, T* plane) {
  for (int64_t y = 0; y < grid.height; ++y)
    std::copy_n(map + y * grid.width, grid.width, plane + grid.first + y * grid.pitch);
}

template <typename T>
void gather(const Grid& grid, const T* plane, T* map) {
  for (int64_t y = 0; y < grid.height; ++y)
    std::copy_n(plane + grid.first + y * grid.pitch, grid.width, map + y * grid.width);
}

// 1 where a pixel, its right neighbour, its lower neighbour is on the map, else 0.
template <typename T>
struct Masks {
  std::vector<T> inside, right, below;
  explicit Masks(const Grid& grid) : inside(grid.size), right(grid.size), below(grid.size) {
    for (int64_t y = 0; y < grid.height; ++y)
      for (int64_t x = 0; x < grid.width; ++x) {
        const int64_t i = grid.first + y * grid.pitch + x;
        inside[i] = 1;
        right[i] = x + 1 < grid.width;
        below[i] = y + 1 < grid.height;
      }
  }
};

template <typename T, bool SOBEL>
inline void gradient(const T* u, const T* right, const T* below, int64_t i, int64_t pitch, T& gx,
                     T& gy) {
  if (SOBEL) {
    const T falling = u[i + pitch + 1] - u[i - pitch - 1];
    const T rising = u[i - pitch + 1] - u[i + pitch - 1];
    gx = falling + rising + 2 * (u[i + 1] - u[i - 1]);
    gy = falling - rising + 2 * (u[i + pitch] - u[i - pitch]);
  } else {
    gx = right[i] * (u[i + 1] - u[i]);
    gy = below[i] * (u[i + pitch] - u[i]);
  }
}

// Minus the divergence of (a, b) that goes with the gradient: its adjoint.
template <typename T, bool SOBEL>
inline T adjoint(const T* a, const T* b, int64_t i, int64_t pitch) {
  if (SOBEL) {
    const T corners = a[i - pitch - 1] - a[i + pitch + 1] + a[i + pitch - 1] - a[i - pitch + 1] +
                      b[i - pitch - 1] - b[i + pitch + 1] + b[i - pitch + 1] - b[i + pitch - 1];
    return corners + 2 * (a[i - 1] - a[i + 1] + b[i - pitch] - b[i + pitch]);
  }
  return a[i - 1] - a[i] + b[i - pitch] - b[i];
}

template <typename T>
inline T clip(T value) {
  value = value > T(1) ? T(1) : value;
  return value < T(-1) ? T(-1) : value;
}

// The fields rho, hx, hy, gx, gy of the maps, as they come and of one map.
template <typename T>
struct Fields {
  const Grid& grid;
  int64_t maps;
  const T *rho, *h, *g;
  std::vector<T> planes;
  Fields(const Grid& grid, int64_t maps, const T* rho, const T* h, const T* g)
      : grid(grid), maps(maps), rho(rho), h(h), g(g), planes(5 * grid.size) {}
  const T* load(int64_t map) {
    const int64_t area = grid.height * grid.width;
    const T* from[] = {rho + map * area, h + map * area, h + (maps + map) * area, g + map * area,
                       g + (maps + map) * area};
    for (int64_t k = 0; k < 5; ++k) spread(grid, from[k], planes.data() + k * grid.size);
    return planes.data();
  }
};

// One iteration. A state is six planes: ux, uy, the dual x and y of ux, the dual x and y of uy.
template <typename T, bool SOBEL>
void iterate(const Grid& grid, const Masks<T>& masks, const T* fields, const T* w, const T* now,
             T* next) {
  const int64_t size = grid.size, pitch = grid.pitch, first = grid.first, last = grid.last;
  const T *inside = masks.inside.data(), *right = masks.right.data(), *below = masks.below.data();
  const T *rho = fields, *hx = rho + size, *hy = hx + size, *gx = hy + size, *gy = gx + size;
  const T *ux = now, *uy = ux + size, *xx = uy + size, *xy = xx + size, *yx = xy + size,
          *yy = yx + size;
  const T w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
  T *vx = next, *vy = next + size;
#pragma GCC ivdep
  for (int64_t i = first; i < last; ++i) {
    const T step = clip(rho[i] + hx[i] * ux[i] + hy[i] * uy[i]);
    const T dx = w0 * xx[i - 1] + w1 * xx[i] + w2 * xy[i - pitch] + w3 * xy[i];
    const T dy = w0 * yx[i - 1] + w1 * yx[i] + w2 * yy[i - pitch] + w3 * yy[i];
    vx[i] = ux[i] - step * gx[i] + inside[i] * dx;
    vy[i] = uy[i] - step * gy[i] + inside[i] * dy;
  }
  for (int64_t k = 0; k < 2; ++k) {
    const T *u = next + k * size, *px = now + (2 + 2 * k) * size, *py = px + size;
    T *qx = next + (2 + 2 * k) * size, *qy = qx + size;
#pragma GCC ivdep
    for (int64_t i = first; i < last; ++i) {
      T sx, sy;
      gradient<T, SOBEL>(u, right, below, i, pitch, sx, sy);
      const T scale = inside[i] / (1 + std::sqrt(sx * sx + sy * sy));
      qx[i] = (px[i] + sx) * scale;
      qy[i] = (py[i] + sy) * scale;
    }
  }
}

// Gradients of a state from those of the next one, in place; those of the fields and of w are added
// to. `slopes` is room for two planes whose border is and stays zero.
template <typename T, bool SOBEL>
void iterate_back(const Grid& grid, const Masks<T>& masks, const T* fields, const T* w,
                  const T* now, const T* next, T* grad, T* grad_fields, T* grad_w, T* slopes) {
  const int64_t size = grid.size, pitch = grid.pitch, first = grid.first, last = grid.last;
  const T *inside = masks.inside.data(), *right = masks.right.data(), *below = masks.below.data();
  const T w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
  for (int64_t k = 0; k < 2; ++k) {
    const T *u = next + k * size, *qx = next + (2 + 2 * k) * size, *qy = qx + size;
    const T *px = now + (2 + 2 * k) * size, *py = px + size;
    T *du = grad + k * size, *dx = grad + (2 + 2 * k) * size, *dy = dx + size;
    T *a = slopes, *b = slopes + size;
#pragma GCC ivdep
    for (int64_t i = first; i < last; ++i) {
      T sx, sy;
      gradient<T, SOBEL>(u, right, below, i, pitch, sx, sy);
      const T length = std::sqrt(sx * sx + sy * sy);
      const T scale = inside[i] / (1 + length);
      dx[i] *= scale;
      dy[i] *= scale;
      const T pull = length > 0 ? (dx[i] * qx[i] + dy[i] * qy[i]) / length : T(0);
      a[i] = (SOBEL ? T(1) : right[i]) * (dx[i] - pull * sx);
      b[i] = (SOBEL ? T(1) : below[i]) * (dy[i] - pull * sy);
    }
#pragma GCC ivdep
    for (int64_t i = first; i < last; ++i) du[i] += inside[i] * adjoint<T, SOBEL>(a, b, i, pitch);
    T s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
    for (int64_t i = first; i < last; ++i) {
      s0 += du[i] * px[i - 1];
      s1 += du[i] * px[i];
      s2 += du[i] * py[i - pitch];
      s3 += du[i] * py[i];
    }
    grad_w[0] += s0, grad_w[1] += s1, grad_w[2] += s2, grad_w[3] += s3;
#pragma GCC ivdep
    for (int64_t i = first; i < last; ++i) {
      dx[i] += w1 * du[i] + w0 * du[i + 1];
      dy[i] += w3 * du[i] + w2 * du[i + pitch];
    }
  }
  const T *rho = fields, *hx = rho + size, *hy = hx + size, *gx = hy + size, *gy = gx + size;
  const T *ux = now, *uy = ux + size;
  T *dux = grad, *duy = dux + size, *drho = grad_fields, *dhx = drho + size, *dhy = dhx + size,
    *dgx = dhy + size, *dgy = dgx + size;
#pragma GCC ivdep
  for (int64_t i = first; i < last; ++i) {
    const T wish = rho[i] + hx[i] * ux[i] + hy[i] * uy[i], step = clip(wish);
    dgx[i] -= step * dux[i];
    dgy[i] -= step * duy[i];
    const T free = std::abs(wish) <= 1 ? T(-1) : T(0);
    const T dwish = free * (dux[i] * gx[i] + duy[i] * gy[i]);
    drho[i] += dwish;
    dhx[i] += dwish * ux[i];
    dhy[i] += dwish * uy[i];
    dux[i] += dwish * hx[i];
    duy[i] += dwish * hy[i];
  }
}

template <typename T, bool SOBEL>
void forward(const T* rho, const T* h, const T* g, const T* w, T* out, int64_t maps,
             int64_t height, int64_t width, int64_t count, int64_t threads) {
  const Grid grid(height, width);
  const Masks<T> masks(grid);
#pragma omp parallel num_threads(threads)
  {
    Fields<T> fields(grid, maps, rho, h, g);
    std::vector<T> state(6 * grid.size);
#pragma omp for
    for (int64_t m = 0; m < maps; ++m) {
      const T* planes = fields.load(m);
      std::fill(state.begin(), state.end(), T(0));
      for (int64_t k = 0; k < count; ++k)
        iterate<T, SOBEL>(grid, masks, planes, w, state.data(), state.data());
      for (int64_t k = 0; k < 2; ++k)
        gather(grid, state.data() + k * grid.size, out + (k * maps + m) * height * width);
    }
  }
}

// `grad_w`, (maps, 4), is of each map.
template <typename T, bool SOBEL>
void backward(const T* grad_out, const T* rho, const T* h, const T* g, const T* w, T* grad_rho,
              T* grad_h, T* grad_g, T* grad_w, int64_t maps, int64_t height, int64_t width,
              int64_t count, int64_t threads) {
  const Grid grid(height, width);
  const Masks<T> masks(grid);
  const int64_t size = grid.size, area = height * width;
#pragma omp parallel num_threads(threads)
  {
    Fields<T> fields(grid, maps, rho, h, g);
    std::vector<T> states(6 * size * (count + 1)), grad(6 * size), sums(5 * size), slopes(2 * size);
#pragma omp for
    for (int64_t m = 0; m < maps; ++m) {
      const T* planes = fields.load(m);
      for (int64_t k = 0; k < count; ++k)
        iterate<T, SOBEL>(grid, masks, planes, w, states.data() + 6 * size * k,
                          states.data() + 6 * size * (k + 1));
      std::fill(grad.begin(), grad.end(), T(0));
      std::fill(sums.begin(), sums.end(), T(0));
      for (int64_t k = 0; k < 2; ++k)
        spread(grid, grad_out + (k * maps + m) * area, grad.data() + k * size);
      for (int64_t k = count - 1; k >= 0; --k)
        iterate_back<T, SOBEL>(grid, masks, planes, w, states.data() + 6 * size * k,
                               states.data() + 6 * size * (k + 1), grad.data(), sums.data(),
                               grad_w + 4 * m, slopes.data());
      T* to[] = {grad_rho + m * area, grad_h + m * area, grad_h + (maps + m) * area,
                 grad_g + m * area, grad_g + (maps + m) * area};
      for (int64_t k = 0; k < 5; ++k) gather(grid, sums.data() + k * size, to[k]);
    }
  }
}

}  // namespace

#define EXPORT(T)                                                                              \
  extern "C" void forward_##T(const T* rho, const T* h, const T* g, const T* w, T* out,        \
                              int64_t maps, int64_t height, int64_t width, int64_t count,      \
                              int64_t threads, int64_t sobel) {                                \
    (sobel ? forward<T, true> : forward<T, false>)(rho, h, g, w, out, maps, height, width,     \
                                                   count, threads);                            \
  }                                                                                            \
  extern "C" void backward_##T(const T* grad, const T* rho, const T* h, const T* g, const T* w, \
                               T* grad_rho, T* grad_h, T* grad_g, T* grad_w, int64_t maps,     \
                               int64_t height, int64_t width, int64_t count, int64_t threads,  \
                               int64_t sobel) {                                                \
    (sobel ? backward<T, true> : backward<T, false>)(grad, rho, h, g, w, grad_rho, grad_h,     \
                                                     grad_g, grad_w, maps, height, width,      \
                                                     count, threads);                          \
  }

EXPORT(float)
EXPORT(double)
