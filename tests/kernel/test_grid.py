"""The national grid against Ordnance Survey's own published test points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triservice.kernel.errors import InputError
from triservice.kernel.grid import grid_reference, grid_to_lonlat, lonlat_to_grid

# Ordnance Survey, OSTN15_OSGM15_TestInput_ETRStoOSGB.txt and its TestOutput: point, ETRS89
# latitude and longitude in degrees (8 decimals: 1 mm), easting and northing in metres.
# Contains OS data (c) Crown copyright and database right, Open Government Licence v3.
OSTN15_POINTS = """
TP01 49.92226394 -6.29977752 91492.146 11318.804
TP02 49.96006138 -5.20304610 170370.718 11572.405
TP03 50.43885826 -4.10864564 250359.811 62016.569
TP04 50.57563665 -1.29782277 449816.371 75335.861
TP05 50.93127938 -1.45051434 438710.920 114792.250
TP06 51.40078220 -3.55128349 292184.870 168003.465
TP07 51.37447026 1.44454730 639821.835 169565.858
TP08 51.42754743 -2.54407618 362269.991 169978.690
TP09 51.48936565 -0.11992557 530624.974 178388.464
TP10 51.85890896 -4.30852477 241124.584 220332.641
TP11 51.89436637 0.89724327 599445.590 225722.826
TP12 52.25529382 -2.15458614 389544.190 261912.153
TP13 52.25160951 -0.91248957 474335.969 262047.755
TP14 52.75136687 0.40153547 562180.547 319784.995
TP15 52.96219109 -1.19747656 454002.834 340834.943
TP16 53.34480280 -2.64049321 357455.843 383290.436
TP17 53.41628516 -4.28918070 247958.971 393492.909
TP18 53.41630925 -4.28917793 247959.241 393495.583
TP19 53.77911026 -3.04045491 331534.564 431920.794
TP20 53.80021520 -1.66379168 422242.186 433818.701
TP21 54.08666318 -4.63452168 227778.330 468847.388
TP22 54.11685144 -0.07773133 525745.670 470703.214
TP23 54.32919541 -4.38849118 244780.636 495254.887
TP24 54.89542340 -2.93827741 339921.145 556034.761
TP25 54.97912274 -1.61657685 424639.355 565012.703
TP26 55.85399953 -4.29649016 256340.925 664697.269
TP27 55.92478266 -3.29479219 319188.434 670947.534
TP28 57.00606696 -5.82836692 167634.202 797067.144
TP29 57.13902519 -2.04856031 397160.491 805349.736
TP30 57.48625001 -4.21926399 267056.768 846176.972
TP31 57.81351838 -8.57854456 9587.909 899448.996
TP32 58.21262247 -7.59255561 71713.132 938516.404
TP33 58.51560361 -6.26091456 151968.652 966483.780
TP34 58.58120461 -3.72631022 299721.891 967202.992
TP35 59.03743871 -3.21454001 330398.323 1017347.016
TP36 59.09335035 -4.41757675 261596.778 1025447.602
TP37 59.09671617 -5.82799340 180862.461 1029604.114
TP38 59.53470794 -1.62516966 421300.525 1072147.239
TP39 59.85409914 -1.27486910 440725.073 1107878.448
TP40 60.13308092 -2.07382823 395999.668 1138728.951
"""
NAMES = [line.split()[0] for line in OSTN15_POINTS.strip().splitlines()]
POINTS = np.array([line.split()[1:] for line in OSTN15_POINTS.strip().splitlines()], float)
MILLIMETRE = 0.001


def test_there_are_forty_points():
    assert len(NAMES) == 40


@pytest.mark.parametrize("index", range(40), ids=NAMES)
def test_degrees_to_metres_to_the_millimetre(index):
    latitude, longitude, easting, northing = POINTS[index]
    found = lonlat_to_grid([longitude], [latitude])
    # The published degrees are cut at 8 decimals, the metres at 3: half a unit of each.
    assert found[0][0] == pytest.approx(easting, abs=2 * MILLIMETRE)
    assert found[1][0] == pytest.approx(northing, abs=2 * MILLIMETRE)


@pytest.mark.parametrize("index", range(40), ids=NAMES)
def test_metres_to_degrees_and_back(index):
    latitude, longitude, easting, northing = POINTS[index]
    lon, lat = grid_to_lonlat([easting], [northing])
    # The way back is found by iteration: within a centimetre even at St Kilda (TP31).
    assert lon[0] == pytest.approx(longitude, abs=1e-7)
    assert lat[0] == pytest.approx(latitude, abs=1e-7)


def test_points_that_have_no_place_stay_in_their_row():
    longitude = [np.nan, -86.3, -4.10864564, 400.0, -4.10864564]
    latitude = [50.4, 32.4, 50.43885826, 50.4, np.inf]
    easting, northing = lonlat_to_grid(longitude, latitude)
    assert np.isnan(easting).tolist() == [True, True, False, True, True]
    assert np.isnan(northing).tolist() == [True, True, False, True, True]
    assert easting[2] == pytest.approx(250359.811, abs=2 * MILLIMETRE)


def test_no_points_are_no_points():
    easting, northing = lonlat_to_grid([], [])
    assert len(easting) == len(northing) == 0


@pytest.mark.parametrize("shape", [([1.0], [1.0, 2.0]), ([[1.0]], [[1.0]])])
def test_arrays_that_do_not_go_together_are_refused(shape):
    with pytest.raises(InputError, match="same length"):
        lonlat_to_grid(*shape)


@pytest.mark.parametrize(
    ("easting", "northing", "digits", "reference"),
    [
        (182_600, 44_800, 3, "SW 826 448"),  # Truro
        (530_624, 178_388, 5, "TQ 30624 78388"),  # Lambeth
        (9_587.909, 899_448.996, 3, "NF 095 994"),  # St Kilda: leading zero kept
        (395_999, 1_138_728, 3, "HT 959 387"),  # Shetland
        (216_600, 771_200, 3, "NN 166 712"),  # Ben Nevis
        (216_699, 771_299, 3, "NN 166 712"),  # cut, never rounded up
        (0, 0, 1, "SV 0 0"),
        (699_999, 1_299_999, 0, "JM"),
    ],
)
def test_lettered_references(easting, northing, digits, reference):
    assert grid_reference(easting, northing, digits) == reference


@pytest.mark.parametrize("point", [(-1, 5), (700_000, 5), (5, 1_300_000), (np.nan, 5)])
def test_a_reference_outside_the_letters_is_refused(point):
    with pytest.raises(InputError, match="outside the national grid"):
        grid_reference(*point)


@given(st.floats(0, 699_999), st.floats(0, 1_299_999))
def test_a_reference_never_holds_the_letter_i_and_names_its_square(easting, northing):
    letters, east, north = grid_reference(easting, northing, 5).split()
    assert "I" not in letters
    assert int(east) == int(easting) % 100_000
    assert int(north) == int(northing) % 100_000
